"""Campaigns that try to break the project, and the release; none of it is part of the package."""
