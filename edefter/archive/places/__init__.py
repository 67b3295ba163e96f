"""Second places for the archive: a folder, an own SFTP server, or S3-compatible storage."""
