"""Evaluation of joined writing: other words of people of whom some words are given, beside how they wrote them."""
