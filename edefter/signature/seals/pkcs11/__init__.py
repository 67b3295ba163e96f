"""Seals on cards, tokens and HSMs: a PKCS#11 driver in a process of its own.

`seal` is what the product sees, `process` starts and watches the helper, `helper` and `driver` run
inside it, `protocol` is what the two say to each other.
"""
