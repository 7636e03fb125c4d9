"""What a net takes a sound for, second by second."""
