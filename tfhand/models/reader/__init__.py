"""The reader: which character is this?"""
