"""The distributed runner: a night shared by worker processes on one or many machines.

The queue (procrastinate on PostgreSQL) only says who visits which company when; what is done, and
never done twice, the engine's own states and locks decide.
"""
