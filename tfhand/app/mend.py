"""The second part of the page."""

from __future__ import annotations

import gradio as gr


class Mend:
    def __init__(self, app):
        self.app = app
        self.tiles = gr.HTML("")
        self.onward = gr.Button(app.text("go_write"), variant="primary", elem_id="go-write")
        self.shown = [self.tiles]

    def show(self, session):
        return ""
