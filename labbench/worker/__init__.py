"""The process that trains: started, watched and stopped from outside, one for each run."""
