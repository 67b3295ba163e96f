"""OCSP responder and CRL distribution point of the sandbox's test CA."""
