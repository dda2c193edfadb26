// The table is the last section; what stands below it says by whom the page was made.
"use strict";

table_.mount();
main.append(el("p", { class: "soft small", style: { "margin-top": "40px" } }, t("made_by", DATA.version)));
