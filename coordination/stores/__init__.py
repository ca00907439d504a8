"""The stores, side by side; only `connect.py` names them, and none imports another."""
