"""The commands of `motcua`, a module a group. Each imports the rooms it needs only when it runs."""
