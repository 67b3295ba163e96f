"""Work for several processors: functions that run in processes of ours, one for each thread.

    with Crew(2) as crew:
        futures = [crew.submit(function, argument) for argument in arguments]

The processes are started as fresh interpreters and not by `multiprocessing`, whose children import
the whole program that was started: 155 MB instead of 25 MB each. They end when we do, even when we
are killed, amid whatever they are doing.
"""

from edefter.crew.crew import Crew, WorkerGone, processors

__all__ = ["Crew", "WorkerGone", "processors"]
