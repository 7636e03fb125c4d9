"""What a trained net learned: a folder an analysis.

In each, `answer` has the question and the frozen answer made of numpy arrays, `compute` finds it
out with torch, for an analyst or a notebook, and `picture` draws it. `question` has what all
questions and answers share, `questions` lists them. Only `compute`, `context` and `spread` load
torch.
"""
