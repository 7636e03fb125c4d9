"""Sounds that a class or a channel answers to most strongly."""
