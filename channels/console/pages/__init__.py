"""The pages that every console has: signing in, home, the own account, the staff, the audit log."""
