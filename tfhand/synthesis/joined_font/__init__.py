"""The letters of a font in a hand that joins them: forms cut from the person's words that fit each other anywhere."""
