"""The field's own things as frozen values: company, period, voucher, line, part, file, finding.

Nothing here reads or writes anything, and nothing here imports another part of the product.
"""
