"""Time stamps after RFC 3161: asking for them, what they cost, and what a token proves.

`client` asks an authority once, in one of the `profiles`; `budget` counts before it does; `token`
says of any token, new or old, what it proves. Source: signing.md §4.
"""
