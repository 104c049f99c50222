"""Who may open what, as one table. A new route without a line here fails the tests.

Each line: method, route, the record it is about, then the answer to each person. The record says
whose: `own` things belong to the first structure (ines, marc, rosa, lea, gaston; gaston looks after
its items), `other` ones to the partner (paul, tom), who keeps `private` ones to itself.

    ok   the page                  in   go to the sign-in page first
    no   403, known but not theirs -    404, as if it did not exist
    do   done: 303 to a page       ??   422, the form asks for more: they may
    old  409, the state changed    gone 410, a link that no longer serves
"""

CODES = {200: "ok", 303: "do", 403: "no", 404: "-", 409: "old", 410: "gone", 422: "??"}

TABLE = """
                                                    nobody ines paul marc rosa lea  tom  gaston zoe
GET  health.alive                          .        ok     ok   ok   ok   ok   ok   ok   ok     ok
GET  health.ready                          .        ok     ok   ok   ok   ok   ok   ok   ok     ok

GET  people.sign_in.new                    .        ok     ok   ok   ok   ok   ok   ok   ok     ok
POST people.sign_in.create                 .        ??     ??   ??   ??   ??   ??   ??   ??     ??
GET  people.sign_in_links.show             unknown  gone   gone gone gone gone gone gone gone   gone
POST people.sign_in_links.create           .        ??     ??   ??   ??   ??   ??   ??   ??     ??
POST people.sign_in_links.update           unknown  gone   gone gone gone gone gone gone gone   gone
POST people.invitations.create             lea      in     do   no   no   no   no   no   no     -
POST people.invitations.create             tom      in     do   do   no   no   no   no   no     -
POST people.invitations.create             ines     in     do   no   no   no   no   no   no     -
POST people.invitations.create             zoe      in     do   no   no   no   no   no   no     no
GET  people.invitations.edit               unknown  gone   gone gone gone gone gone gone gone   gone
POST people.invitations.update             unknown  gone   gone gone gone gone gone gone gone   gone
POST people.language.update                .        do     do   do   do   do   do   do   do     do
GET  people.memberships.new                lea      in     ok   ok   no   no   no   no   no     no
GET  people.memberships.new                tom      in     ok   ok   no   no   no   no   no     no
GET  people.memberships.new                ines     in     ok   ok   no   no   no   no   no     no
GET  people.memberships.new                zoe      in     ok   ok   no   no   no   no   no     no
POST people.memberships.create             lea      in     ??   ??   no   no   no   no   no     -
POST people.memberships.create             tom      in     ??   ??   no   no   no   no   no     -
POST people.memberships.create             ines     in     ??   ??   no   no   no   no   no     -
POST people.memberships.create             zoe      in     ??   ??   no   no   no   no   no     no
GET  people.memberships.edit               lea      in     ok   no   no   no   no   no   no     -
GET  people.memberships.edit               tom      in     ok   ok   no   no   no   no   no     -
GET  people.memberships.edit               ines     in     ok   no   no   no   no   no   no     -
POST people.memberships.update             lea      in     ??   no   no   no   no   no   no     -
POST people.memberships.update             tom      in     ??   ??   no   no   no   no   no     -
POST people.memberships.update             ines     in     ??   no   no   no   no   no   no     -
GET  people.papers.new                     lea      in     ok   ok   no   no   no   no   ok     no
GET  people.papers.new                     tom      in     ok   ok   no   no   no   no   ok     no
GET  people.papers.new                     ines     in     ok   ok   no   no   no   no   ok     no
GET  people.papers.new                     zoe      in     ok   ok   no   no   no   no   ok     no
POST people.papers.create                  lea      in     ??   ??   no   no   no   no   ??     -
POST people.papers.create                  tom      in     ??   ??   no   no   no   no   ??     -
POST people.papers.create                  ines     in     ??   ??   no   no   no   no   ??     -
POST people.papers.create                  zoe      in     ??   ??   no   no   no   no   ??     no
POST people.papers.destroy                 lea      in     do   do   no   no   no   no   do     -
POST people.papers.destroy                 tom      in     do   do   no   no   no   no   do     -
POST people.password.update                .        in     ??   ??   ??   ??   ??   ??   ??     ??
GET  people.persons.index                  .        in     ok   ok   ok   ok   ok   ok   ok     no
GET  people.persons.show                   lea      in     ok   ok   ok   ok   ok   ok   ok     -
GET  people.persons.show                   tom      in     ok   ok   ok   ok   ok   ok   ok     -
GET  people.persons.show                   ines     in     ok   ok   ok   ok   ok   ok   ok     -
GET  people.persons.show                   zoe      in     ok   ok   ok   ok   ok   ok   ok     ok
GET  people.persons.new                    .        in     ok   ok   no   no   no   no   no     no
POST people.persons.create                 .        in     ??   ??   no   no   no   no   no     no
GET  people.persons.edit                   lea      in     ok   no   no   no   no   no   no     -
GET  people.persons.edit                   tom      in     ok   ok   no   no   no   no   no     -
GET  people.persons.edit                   ines     in     ok   no   no   no   no   no   no     -
GET  people.persons.edit                   zoe      in     ok   no   no   no   no   no   no     no
POST people.persons.update                 lea      in     ??   no   no   no   no   no   no     -
POST people.persons.update                 tom      in     ??   ??   no   no   no   no   no     -
POST people.persons.update                 ines     in     ??   no   no   no   no   no   no     -
POST people.persons.update                 zoe      in     ??   no   no   no   no   no   no     no
GET  people.profile.show                   .        in     ok   ok   ok   ok   ok   ok   ok     ok
POST people.profile.update                 .        in     ??   ??   ??   ??   ??   ??   ??     ??
GET  people.resets.new                     .        ok     ok   ok   ok   ok   ok   ok   ok     ok
POST people.resets.create                  .        ??     ??   ??   ??   ??   ??   ??   ??     ??
GET  people.resets.edit                    unknown  gone   gone gone gone gone gone gone gone   gone
POST people.resets.update                  unknown  gone   gone gone gone gone gone gone gone   gone
POST people.sessions.destroy               tom's    in     -    -    -    -    -    do   -      -
POST people.sessions.destroy_current       .        in     in   in   in   in   in   in   in     in
POST people.sessions.destroy_others        .        in     do   do   do   do   do   do   do     do

GET  structures.index                      .        in     ok   ok   ok   ok   ok   ok   ok     no
GET  structures.show                       own      in     ok   ok   ok   ok   ok   ok   ok     -
GET  structures.show                       other    in     ok   ok   ok   ok   ok   ok   ok     -
GET  structures.new                        .        in     ok   no   no   no   no   no   no     no
POST structures.create                     .        in     ??   no   no   no   no   no   no     no
GET  structures.edit                       own      in     ok   no   no   no   no   no   no     -
GET  structures.edit                       other    in     ok   ok   no   no   no   no   no     -
POST structures.update                     own      in     ??   no   no   no   no   no   no     -
POST structures.update                     other    in     ??   ??   no   no   no   no   no     -
GET  structures.closings.new               own      in     ok   no   no   no   no   no   no     -
GET  structures.closings.new               other    in     ok   ok   no   no   no   no   no     -
POST structures.closings.create            own      in     do   no   no   no   no   no   no     -
POST structures.closings.create            other    in     do   do   no   no   no   no   no     -
GET  structures.departures.new             own      in     ok   no   no   no   no   no   no     no
GET  structures.departures.new             other    in     ok   no   no   no   no   no   no     no
POST structures.departures.create          own      in     do   no   no   no   no   no   no     no
POST structures.departures.create          other    in     do   no   no   no   no   no   no     no
GET  structures.sites.show                 own      in     ok   ok   ok   ok   ok   ok   ok     -
GET  structures.sites.show                 other    in     ok   ok   ok   ok   ok   ok   ok     -
GET  structures.sites.new                  own      in     ok   no   no   no   no   no   no     -
GET  structures.sites.new                  other    in     ok   ok   no   no   no   no   no     -
POST structures.sites.create               own      in     ??   no   no   no   no   no   no     -
POST structures.sites.create               other    in     ??   ??   no   no   no   no   no     -
GET  structures.sites.edit                 own      in     ok   no   no   no   no   no   no     -
GET  structures.sites.edit                 other    in     ok   ok   no   no   no   no   no     -
POST structures.sites.update               own      in     ??   no   no   no   no   no   no     -
POST structures.sites.update               other    in     ??   ??   no   no   no   no   no     -

GET  equipment.board                       .        in     ok   ok   ok   ok   ok   ok   ok     no
GET  equipment.live                        .        in     ok   ok   ok   ok   ok   ok   ok     no
GET  equipment.sheet                       .        in     ok   ok   ok   ok   ok   ok   ok     no
POST equipment.approvals.create            lea's    in     old  no   no   no   no   no   old    -
POST equipment.approvals.create            tom's    in     old  old  no   no   no   no   no     -
POST equipment.approvals.create            asked    in     do   no   no   no   no   no   do     -
POST equipment.approvals.create            private  in     old  old  -    -    -    no   -      -
POST equipment.approvals.create            undone   in     old  no   no   no   no   no   old    -
POST equipment.board_bookings.create       .        in     ??   ??   ??   ??   ??   ??   ??     no
GET  equipment.bookings.show               lea's    in     ok   ok   ok   ok   ok   ok   ok     -
GET  equipment.bookings.show               tom's    in     ok   ok   ok   ok   ok   ok   ok     -
GET  equipment.bookings.show               asked    in     ok   ok   ok   ok   ok   ok   ok     -
GET  equipment.bookings.show               private  in     ok   ok   -    -    -    ok   -      -
GET  equipment.bookings.show               undone   in     ok   ok   ok   ok   ok   ok   ok     -
GET  equipment.bookings.new                own      in     ok   ok   ok   ok   ok   ok   ok     -
GET  equipment.bookings.new                other    in     ok   ok   ok   ok   ok   ok   ok     -
GET  equipment.bookings.new                private  in     ok   ok   -    -    -    ok   -      -
GET  equipment.bookings.new                retired  in     no   no   no   no   no   no   no     -
POST equipment.bookings.create             own      in     ??   ??   ??   ??   ??   ??   ??     -
POST equipment.bookings.create             other    in     ??   ??   ??   ??   ??   ??   ??     -
POST equipment.bookings.create             private  in     ??   ??   -    -    -    ??   -      -
POST equipment.bookings.create             retired  in     no   no   no   no   no   no   no     -
GET  equipment.bookings.mine               .        in     ok   ok   ok   ok   ok   ok   ok     ok
POST equipment.cancellations.create        lea's    in     do   no   no   no   do   no   do     -
POST equipment.cancellations.create        tom's    in     do   do   no   no   no   do   no     -
POST equipment.cancellations.create        asked    in     do   no   no   no   no   do   do     -
POST equipment.cancellations.create        private  in     do   do   -    -    -    do   -      -
POST equipment.cancellations.create        undone   in     old  no   no   no   old  no   old    -
GET  equipment.care.show                   own      in     ok   no   no   no   no   no   ok     -
GET  equipment.care.show                   other    in     ok   ok   no   no   no   no   no     -
GET  equipment.care.show                   private  in     ok   ok   -    -    -    no   -      -
GET  equipment.care.show                   retired  in     ok   no   no   no   no   no   ok     -
POST equipment.import_confirmations.create .        in     ??   no   no   no   no   no   no     no
GET  equipment.imports.new                 .        in     ok   no   no   no   no   no   no     no
POST equipment.imports.create              .        in     ??   no   no   no   no   no   no     no
GET  equipment.items.show                  own      in     ok   ok   ok   ok   ok   ok   ok     -
GET  equipment.items.show                  other    in     ok   ok   ok   ok   ok   ok   ok     -
GET  equipment.items.show                  private  in     ok   ok   -    -    -    ok   -      -
GET  equipment.items.show                  retired  in     ok   ok   ok   ok   ok   ok   ok     -
GET  equipment.items.new                   .        in     ok   ok   no   no   no   no   ok     no
POST equipment.items.create                .        in     ??   ??   no   no   no   no   ??     no
GET  equipment.items.edit                  own      in     ok   no   no   no   no   no   ok     -
GET  equipment.items.edit                  other    in     ok   ok   no   no   no   no   no     -
GET  equipment.items.edit                  private  in     ok   ok   -    -    -    no   -      -
GET  equipment.items.edit                  retired  in     ok   no   no   no   no   no   ok     -
POST equipment.items.update                own      in     ??   no   no   no   no   no   ??     -
POST equipment.items.update                other    in     ??   ??   no   no   no   no   no     -
POST equipment.items.update                private  in     ??   ??   -    -    -    no   -      -
POST equipment.items.update                retired  in     ??   no   no   no   no   no   ??     -
POST equipment.moves.create                lea's    in     ??   no   no   no   ??   no   ??     -
POST equipment.moves.create                tom's    in     ??   ??   no   no   no   ??   no     -
POST equipment.moves.create                asked    in     ??   no   no   no   no   ??   ??     -
POST equipment.moves.create                private  in     ??   ??   -    -    -    ??   -      -
POST equipment.moves.create                undone   in     ??   no   no   no   ??   no   ??     -
POST equipment.outage_ends.create          own      in     do   no   no   no   no   no   do     -
POST equipment.outage_ends.create          other    in     do   do   no   no   no   no   no     -
POST equipment.outage_ends.create          private  in     do   do   -    -    -    no   -      -
GET  equipment.outages.new                 own      in     ok   no   no   no   no   no   ok     -
GET  equipment.outages.new                 other    in     ok   ok   no   no   no   no   no     -
GET  equipment.outages.new                 private  in     ok   ok   -    -    -    no   -      -
GET  equipment.outages.new                 retired  in     ok   no   no   no   no   no   ok     -
POST equipment.outages.create              own      in     ??   no   no   no   no   no   ??     -
POST equipment.outages.create              other    in     ??   ??   no   no   no   no   no     -
POST equipment.outages.create              private  in     ??   ??   -    -    -    no   -      -
POST equipment.outages.create              retired  in     ??   no   no   no   no   no   ??     -
GET  equipment.photos.show                 own      in     ok   ok   ok   ok   ok   ok   ok     -
GET  equipment.photos.show                 unknown  in     -    -    -    -    -    -    -      -
POST equipment.refusals.create             lea's    in     ??   no   no   no   no   no   ??     -
POST equipment.refusals.create             tom's    in     ??   ??   no   no   no   no   no     -
POST equipment.refusals.create             asked    in     ??   no   no   no   no   no   ??     -
POST equipment.refusals.create             private  in     ??   ??   -    -    -    no   -      -
POST equipment.refusals.create             undone   in     ??   no   no   no   no   no   ??     -
POST equipment.restorations.create         lea's    in     old  no   no   no   old  no   old    -
POST equipment.restorations.create         tom's    in     old  old  no   no   no   old  no     -
POST equipment.restorations.create         asked    in     old  no   no   no   no   old  old    -
POST equipment.restorations.create         private  in     old  old  -    -    -    old  -      -
POST equipment.restorations.create         undone   in     do   no   no   no   do   no   do     -
POST equipment.retirements.create          own      in     ??   no   no   no   no   no   ??     -
POST equipment.retirements.create          other    in     ??   ??   no   no   no   no   no     -
POST equipment.retirements.create          private  in     ??   ??   -    -    -    no   -      -
POST equipment.retirements.create          retired  in     old  no   no   no   no   no   old    -
POST equipment.returns.create              own      in     old  no   no   no   no   no   old    -
POST equipment.returns.create              other    in     old  old  no   no   no   no   no     -
POST equipment.returns.create              private  in     old  old  -    -    -    no   -      -
POST equipment.returns.create              retired  in     do   no   no   no   no   no   do     -

GET  coordination.home                     .        in     ok   ok   ok   ok   ok   ok   ok     ok
GET  coordination.outbox                   .        in     ok   no   no   no   no   no   no     no
GET  coordination.membership_ends.new      lea      in     ok   no   no   no   no   no   no     -
GET  coordination.membership_ends.new      tom      in     ok   ok   no   no   no   no   no     -
GET  coordination.membership_ends.new      ines     in     ok   no   no   no   no   no   no     -
POST coordination.membership_ends.create   lea      in     ??   no   no   no   no   no   no     -
POST coordination.membership_ends.create   tom      in     ??   ??   no   no   no   no   no     -
POST coordination.membership_ends.create   ines     in     ??   no   no   no   no   no   no     -
"""
