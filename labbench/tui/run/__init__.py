"""One run while it trains, and after."""
