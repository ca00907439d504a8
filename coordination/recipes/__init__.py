"""Recipes, each written once as `async def` over a `Runtime`: what is built on leases and shared sessions."""
