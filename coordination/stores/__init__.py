"""The stores, side by side; one file or folder per technology. Nothing above imports one by name
except `connect.py`, and none imports another.
"""
