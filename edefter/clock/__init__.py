"""Internet time against the computer's clock; no signature and no call to GİB with a wrong one."""
