"""From recorded events to a posterior of the parameters, and the checks of it."""
