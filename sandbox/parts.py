"""Everything a sandbox is made of, wired once."""

from sandbox.clock import Clock
from sandbox.commands import Commands
from sandbox.events import Events
from sandbox.faults import Faults
from sandbox.gateway import Gateway
from sandbox.interactions import Interactions
from sandbox.journal import Journal
from sandbox.limits import Limits
from sandbox.messages import Messages
from sandbox.oauth import OAuth
from sandbox.posting import Posting
from sandbox.rest_channels import ChannelRoutes
from sandbox.rest_core import Rest
from sandbox.rest_guilds import GuildRoutes
from sandbox.rest_interactions import InteractionRoutes
from sandbox.uploads import Uploads
from sandbox.world import World


class Parts:
    """The one place that knows how the parts depend on each other."""

    def __init__(self, token: str, *, messages: int, attachment_bytes: int) -> None:
        self.token = token
        self.clock = Clock()
        self.world = World()
        self.events = Events()
        self.journal = Journal()
        self.faults = Faults()
        self.limits = Limits()
        self.uploads = Uploads(self.clock, budget=attachment_bytes)
        self.commands = Commands(self.clock)
        self.gateway = Gateway(self.world, self.clock, self.events, token)
        self.messages = Messages(self.world, self.uploads, self.clock, limit=messages)
        self.posting = Posting(
            self.world, self.messages, self.uploads, self.gateway, self.events, self.clock
        )
        self.interactions = Interactions(
            self.world,
            self.messages,
            self.uploads,
            self.posting,
            self.gateway,
            self.events,
            self.journal,
            self.clock,
        )
        self.oauth = OAuth(self.world, self.clock)
        self.rest = Rest(
            token, self.faults, self.limits, self.journal, self.uploads, self.oauth.bearer
        )
        self.guild_routes = GuildRoutes(self.world, self.commands, self.gateway, self.events)
        self.channel_routes = ChannelRoutes(
            self.world, self.messages, self.posting, self.gateway, self.events, self.clock
        )
        self.interaction_routes = InteractionRoutes(self.interactions, self.messages, self.posting)
