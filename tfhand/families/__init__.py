"""The settings of every family: what its networks are made of, and how they are trained.

They stand apart from the models so that a command line can show them as flags without waking TensorFlow.
"""

from tfhand.families.cgan import CGANSettings, CGANTraining
from tfhand.families.hand import HandSettings, HandTraining
from tfhand.families.judges import ReaderSettings, ReaderTraining, VerifierSettings, VerifierTraining
from tfhand.families.stargan import LossWeights, StarGANSettings, StarGANTraining
from tfhand.families.stylegan import DISTANCES, SPACES, STARTS, TRUNCATION, StyleGANSettings, StyleGANTraining

__all__ = [
    "DISTANCES",
    "SPACES",
    "STARTS",
    "TRUNCATION",
    "CGANSettings",
    "CGANTraining",
    "HandSettings",
    "HandTraining",
    "LossWeights",
    "ReaderSettings",
    "ReaderTraining",
    "StarGANSettings",
    "StarGANTraining",
    "StyleGANSettings",
    "StyleGANTraining",
    "VerifierSettings",
    "VerifierTraining",
]
