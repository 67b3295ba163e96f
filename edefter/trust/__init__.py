"""Whom to believe: anchors, certificate paths, revocation and the evidence of both.

Neutral ground like `xmlsig`, on which it stands: steps that may not import each other ask here.
"""
