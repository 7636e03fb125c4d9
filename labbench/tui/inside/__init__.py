"""Inside a run's net: a screen made of tabs, each of which answers one question.

An analysis whose options are declared (`labbench.interpret.analyses`) and that has a title is a tab
by itself (`analysis.tab_of`); one with keys of its own is a subclass of `analysis.AnalysisTab`. To
add another tab, write a file `labbench/tui/inside/<name>.py` with a subclass of `tab.Tab` and put
the class into `tabs.TABS`. Keys, help, palette, export and the line of tabs come with it. It says

- `title`, `letter` (its key, upper case), `about` (what `?` says first), `brackets` (what `[` and
  `]` go through: by default the layer; else override `step`); its keys are lines on its methods, as
  on a screen, and those that several tabs have are in `moving`, `clips` and `pooled`;
- `begin()`: ask for what it shows. Called when the tab comes to the front for the first time, when
  the run's net has changed, and when a person asks again;
- `picture()`: the view that is drawn, from what was found; None while there is nothing. Called in
  the app's thread: it puts together and computes nothing. Call `redraw()` when it has changed:
  rendering happens in a thread, the newest picture wins, only cells that differ are sent;
- `view()`: the same with headings, to be exported (by default `picture()`), `headless()`: the
  command that prints it, `heading()`: one line above the picture;
- `chosen_changed(before)`: layer, channel, clip or word were chosen, here or in another tab (by
  default another layer is asked for anew); `run_changed()`: the run has trained on (by default all
  is asked for anew); `front_again()`: it is seen again. Tabs not in front hear when they are.

What takes time is asked for in one way only. `ask(work, done, said)`: `work(job)` runs in a thread,
calls `job.report(done, total, what)` and `job.check()` now and then, and its result goes to `done`
in the app's thread. `ask_analyst(question, done, said)`: the same for a question to the analyst
(`labbench.interpret.question`), whose process starts with the first and ends with the screen.
Asking again cancels what was asked before and drops its answer; `esc` cancels. A `LabbenchError` is
shown as why it cannot be, and its hint as what to do; `enter` then asks again, and the tab does so
by itself when the run has trained on.

Of the run a tab knows `self.inside.subject` (folder, preset, plan, words), of what is looked at
`self.inside.chosen`; `self.inside.choose(layer=..., clip=...)` changes it for all tabs.

Its pictures are taken with `InsideScreen.tabs` set to that tab alone (`tests/tui/`): they then stay
as they are when another tab is added.
"""
