"""Second places for the archive: an own SFTP server, or S3-compatible storage."""
