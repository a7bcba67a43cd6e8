"""Mission packs: folders of facts about a mission, each read through one typed, checked door."""

from sim.missions.errors import MissionError
from sim.missions.mission import DEFAULT, Mission, load_mission, pack_folder, packaged_missions

__all__ = ["DEFAULT", "Mission", "MissionError", "load_mission", "pack_folder", "packaged_missions"]
