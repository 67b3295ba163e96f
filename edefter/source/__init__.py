"""Accounting databases and files → vouchers as column batches."""
