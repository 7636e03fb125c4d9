"""What a trained net does with a clip, computed by torch for an analyst or a notebook.

`catalogue.compute(context, ask, report)` answers any question of `labbench.results.inside`. To add
a kind: its `Ask` and result there, a function here, one line in `catalogue`.
"""
