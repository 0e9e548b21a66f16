"""Uploaded files: told by their content, made harmless, kept on disk or S3, linked to, and cleaned up after."""
