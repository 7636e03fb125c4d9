"""Runs submitted, placed on devices and started, here or on a Slurm cluster."""
