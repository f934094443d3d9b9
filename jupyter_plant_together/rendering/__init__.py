"""PlantUML to pictures without Java, network or browser.

PlantUML's own engine, compiled to JavaScript, runs in V8 (mini-racer) in a child process (``child``,
``isolate``). A drawing that does not end cannot be interrupted from inside, so the parent's side of the child
(``process``) ends the child itself. A ``pool`` of such processes takes requests from a queue and makes equal
requests once. ``renderer`` turns a text into requests and answers into pictures or errors: it splits the
text (``blocks``), puts complaints into words (``explain``, ``wording``), and lets nothing pass but pictures
(``inert``). PNG is resvg's, PDF vl-convert's (``raster``). ``render`` is ``plant.render``.

V8 as it is embedded here has no files, no network and no environment, and the page that ``js/page.js``
pretends has none either. What the engine can be given besides the text is what ``assets`` has.

The package is not called ``render``, because ``jupyter_plant_together.render`` is a function.
"""
