"""The hands of somebody at the recovery wizard."""


class Night:
    """One person, with the folder of the console and the file that the recovery secrets are saved in."""

    def __init__(self, person, home, saved):
        self.person, self.home, self.saved = person, home, saved

    def deploy(self):
        """Set the manifest in front, and save its recovery secrets."""
        person = self.person
        person.until_shown("State 2", "No errors")
        person.press("Ctrl+Shift+D")
        person.until(lambda: person.wizard)
        person.walk_to("Confirm what is sent")
        person.push("wizard:forward")
        person.until_shown("recovery secrets saved", within=person.wizard)
        person.will_choose(self.saved)
        person.push("deploy:save-all")
        person.until_shown("All recovery secrets are saved and were read back.", within=person.wizard)
        person.push("wizard:forward")
        person.push("wizard:forward")
        person.until(lambda: person.wizard is None)
        person.until_shown("State 3 · Running")

    def lose_the_key(self):
        """Stop the coordinator, take its key away, and start it again."""
        person = self.person
        person.go_to("Coordinator")
        person.push("stop")
        person.until_shown("Stopped")
        (self.home / "coordinator" / "sealed_key").unlink()
        person.push("start")
        person.until_shown("State 1 · Recovery", "serves no marbles", "Simulated")

    def open_wizard(self):
        self.person.push("recover")
        self.person.until(lambda: self.person.wizard)

    def begin(self):
        """Open the wizard and pass the first page."""
        self.open_wizard()
        self.person.until_shown("The situation", within=self.person.wizard)
        self.forward()

    def forward(self):
        self.person.push("wizard:forward")

    def choose_share(self, path=None):
        self.person.will_choose(path or self.saved)
        self.person.push("recover:choose-share")

    def choose_key(self, path):
        self.person.will_choose(path)
        self.person.push("recover:choose-key")

    def bring(self, key, *, share=None, passphrase=""):
        """Choose share and key of one holder, up to the page that sends."""
        wizard = self.person.wizard
        self.person.until_shown("The share of a holder", within=wizard)
        self.choose_share(share)
        self.person.until_shown("share", "recovery-secrets.json:" if share is None else "", within=wizard)
        self.forward()
        self.choose_key(key)
        if passphrase:
            self.person.until_shown("Type the passphrase of the key, then check it.", within=wizard)
            self.person.tab_to("recover:passphrase")
            self.person.type(passphrase)
            self.person.push("recover:check-key")
        self.person.until_shown("The key fits. Nothing was sent yet.", within=wizard)
        self.forward()

    def use_token(self, pin):
        self.person.tab_to("token:pin")
        self.person.type(pin)
        self.person.push("token:use")

    def send(self):
        self.person.until_shown("Ready to be sent", within=self.person.wizard)
        self.forward()

    def see(self, *texts):
        return self.person.until_shown(*texts, within=self.person.wizard)

    def close_recovered(self):
        """See that everything is as before, and close."""
        self.see("The state is back", "the one from before", "state 3, running", "line, readable")
        self.forward()
        self.person.until(lambda: self.person.wizard is None)
        self.person.until_shown("State 3 · Running", "Simulated")
