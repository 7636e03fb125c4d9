"""Arrays in, pictures of characters out: what the screens and `labbench show` draw with.

A view is a frozen dataclass of data that can `render` itself at a width and height, and give its
figures as JSON and CSV (`labbench.draw.export.View`). No view reads a terminal or prints.
"""
