"""What a trained net learned: a folder an analysis.

In each, `answer` has the question and the frozen answer made of numpy arrays, `compute` finds it
out with torch, for an analyst or a notebook, and `picture` draws it. `questions.AnyAsk` lists all
questions, `catalogue.compute(context, ask, report)` answers any. Only `compute` loads torch.
"""
