"""The comparison: plan, legs, cost, conclusion."""
