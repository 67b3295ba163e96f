"""The archive: local tree with manifest, and the portal upload on 4443."""
