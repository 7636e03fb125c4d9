"""What a trained net learned: a folder an analysis.

In each, `options` says what can be chosen (the command line, the tab and its keys follow from it),
`answer` has the question and the frozen answer made of numpy arrays, `compute` finds it out with
torch, for an analyst or a notebook, and `picture` draws it. `options`, `question`, `picture` and
`analyses` have what all share, and list them. Only `compute`, `context` and `spread` load torch.
"""
