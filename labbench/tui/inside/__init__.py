"""Inside a run's net: a screen made of tabs, each of which answers one question.

An analysis (`labbench.interpret.analyses`) is a tab by itself (`moving.tab_of`): its options are
the tab's state, its picture what is seen. One with keys of its own is a subclass of `tab.Tab`,
named in `screen.OWN`. Keys, help, palette, export and the line of tabs come with it. It says

- `kind`, the options; `shared`, which of them are chosen for all tabs; `brackets`, what `[` and `]`
  go through (by default the layer; else override `step`); its keys are lines on its methods, as on
  a screen, and those that several tabs have are in `moving` and `clips`;
- where it has to, `with_chosen()` (the options with what is chosen in all tabs), `finder()` (what
  finds out, in a thread), `answered(found)`, `named()` (the options as the copied command has
  them), `can_choose(option)` (whether an option's key does something now);
- `run_changed()`: the run has trained on (by default all is asked for anew); `front_again()`: it is
  seen again. Tabs not in front hear when they are.

What takes time is asked for in one way only. `ask(work, done, said)`: `work(job)` runs in a thread,
calls `job.report(done, total, what)` and `job.check()` now and then, and its result goes to `done`
in the app's thread. Asking again cancels what was asked before and drops its answer; `esc` cancels.
Questions go to the analyst, whose process starts with the first and ends with the screen. A
`LabbenchError` is shown as why it cannot be, and its hint as what to do; `enter` then asks again,
and the tab does so by itself when the run has trained on.

Of the run a tab knows `self.inside.subject` (folder, preset, plan, words), of what is looked at
`self.inside.chosen`; `self.inside.choose(layer=..., clip=...)` changes it for all tabs.

Its pictures are taken with `InsideScreen.tabs` set to that tab alone (`tests/tui/`): they then stay
as they are when another tab is added.
"""
