"""The stores, side by side; only `openers.py` names them, and none imports another."""
