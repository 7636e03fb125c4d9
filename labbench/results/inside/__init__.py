"""What a net learned: what can be asked of it, and what the answers mean.

Each kind of question has a file here with its `Ask` (what an analyst is asked) and a frozen result
made of the arrays it gives (`labbench.runs.analyses.Analysis`). Filters need no analyst. The torch
side of each is in `labbench.interpret`.
"""
