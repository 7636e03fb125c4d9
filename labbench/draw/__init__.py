"""Arrays in, pictures of characters out: what every view draws with."""
