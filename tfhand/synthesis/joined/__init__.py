"""Words in a hand that joins its letters: pieces of the words that the person wrote, put together anew."""
