"""The steps of the pipeline, one a module. Each changes the turn and nothing else."""
