package workbook

import "maps"

// textEN is the English of every key.
func textEN() texts {
	out := texts{
		"sheet.summary": "Summary", "sheet.resolve": "To resolve", "sheet.stock": "Stock", "sheet.orders": "Orders",
		"sheet.held": "In flight", "sheet.control": "Control", "sheet.trend": "Trend", "sheet.legend": "Legend", "sheet.lists": "Lists",

		"title":               "Reconciliation of 1C, Jushuitan and the web shop",
		"title.resolve":       "To resolve: differences that need a decision",
		"title.stock":         "Stock: every difference of quantity",
		"title.orders":        "Orders, payments and shipments: every difference",
		"title.held":          "In flight and held: expected, not an error",
		"title.control":       "Proof of completeness and accuracy",
		"title.trend":         "Differences by day",
		"title.legend":        "Legend: how to read and how to fill in",
		"line.run":            "As of %s · run %s · rules %s · time zone: %s",
		"line.money":          "Amounts in %s where no other currency sign stands. An empty cell is not known, “–” is zero.",
		"line.resolve":        "%d of %d shown. Fill in the yellow columns Resolution, Comment, Owner; do not change the IDs.",
		"line.none":           "No difference needs a decision.",
		"line.cut":            "The %d largest of %d are shown; the others are on the sheets Stock and Orders with the state Open.",
		"line.part":           "Part %d of %d, rows on this sheet: %d.",
		"line.rows":           "Rows: %d.",
		"verdict.clean":       "✓ The systems agree: nothing needs a decision.",
		"verdict.differences": "● The systems differ: %d need a decision (%s). Of high severity: %d.",
		"verdict.incomplete":  "▲ The reconciliation is incomplete: %s. Conclusions are preliminary; open differences: %d.",
		"reason.stale":        "data is not fresh: %s", "reason.partial": "not everything was received: %s", "reason.control": "control totals that do not tie: %d",
		"reason.stated": "the totals of the workbook are not those of the database", "reason.said": "the reconciler says so",

		"block.sources": "Sources", "block.controls": "Control totals", "block.roll": "Roll-forward",
		"block.class": "By class", "block.warehouse": "Stock by warehouse", "block.age": "By age", "block.sign": "Sign-off",
		"block.states": "No decision needed", "block.params": "Parameters", "block.run": "Run", "block.checks": "Checks of the workbook",
		"sum.source": "System", "sum.taken": "Snapshot of", "sum.refused": "Refused", "sum.fresh": "Fresh", "sum.complete": "Complete",
		"sum.control": "Total", "sum.left": "Left", "sum.right": "Right", "sum.diff": "Difference", "sum.ties": "Ties",
		"sum.class": "Class", "sum.items": "Items", "sum.gross": "Amount, absolute", "sum.net": "Amount, net", "sum.old": "Over 14 days",
		"sum.done": "Resolved today", "sum.goto": "Go to", "sum.warehouse": "Warehouse", "sum.compared": "Compared", "sum.match": "Match, %",
		"sum.age": "Age, days", "sum.total": "Total", "sum.database": "By the reconciler", "sum.check": "Check", "sum.others": "Other warehouses", "sum.nowarehouse": "(no warehouse)",
		"sum.state": "State", "go.resolve": "→ To resolve", "go.sheet": "→ %s",
		"sum.rows": "Rows", "sum.read": "Rows of the last read", "sum.area": "Section", "sum.checks": "Checks", "sum.tied": "Tie",
		"sum.untied": "Do not tie", "block.broken": "Do not tie", "line.more": "%d more are on the Control sheet.", "line.amounts": "Amounts are in %s unless another currency is shown.", "col.detail": "The system's message",
		"controls.stock": "Stock", "controls.order": "Orders", "controls.payment": "Payments", "controls.shipment": "Shipments", "controls.other": "Other",
		"roll.before": "Open at the previous run", "roll.new": "+ new", "roll.reopened": "+ reopened", "roll.closed": "− closed", "roll.now": "= open now",
		"sign.prepared": "Prepared by", "sign.reviewed": "Reviewed by", "sign.name": "Name", "sign.date": "Date", "sign.line": "Signature",
		"chart.class": "Items by class", "chart.class.alt": "Bar chart: number of open differences of each class",
		"chart.trend": "New and closed by day, open", "chart.trend.alt": "Columns of new and closed differences by day and a line of open ones for the last 30 days",

		"col.id": "ID", "col.severity": "Severity", "col.class": "Class", "col.warehouse": "Warehouse", "col.sku": "SKU",
		"col.product": "Product", "col.unit": "Unit", "col.qty.onec": "ERP qty", "col.qty.wms": "WMS qty", "col.qty.shop": "Shop qty",
		"col.inflight": "In flight", "col.unexplained": "Unexplained", "col.amount": "Amount", "col.age": "Age, days", "col.resolution": "Resolution",
		"col.comment": "Comment", "col.owner": "Owner", "col.cause": "Probable cause", "col.repair": "Proposed repair",
		"col.document": "Document", "col.systems": "Systems", "col.firstseen": "First seen", "col.carried": "Carried note",
		"col.state": "State", "col.currency": "Currency", "col.area": "Object", "col.order": "Order no.", "col.doc.onec": "ERP doc", "col.doc.wms": "WMS doc",
		"col.customer": "Customer", "col.date": "Order date", "col.status.shop": "Status shop", "col.status.onec": "Status ERP", "col.status.wms": "Status WMS",
		"col.amount.shop": "Amount shop", "col.amount.onec": "Amount ERP", "col.difference": "Difference", "col.lines": "Lines differing",
		"col.flow": "Lane", "col.from": "From", "col.to": "To", "col.qty": "Qty", "col.since": "Since", "col.attempts": "Attempts",
		"col.expected": "Expected by", "col.reason": "Reason", "col.day": "Date", "col.open": "Open", "col.new": "New", "col.closed": "Closed",
		"col.reopened": "Reopened", "col.amount.open": "Amount open", "col.oldest": "Oldest, days",
		"col.code": "Code", "col.meaning": "What it means", "col.usual": "What is usually done", "col.name": "Name", "col.value": "Value",
		"col.taken.utc": "Snapshot, UTC", "col.taken": "Snapshot, local", "col.agemin": "Age, min", "col.loaded": "Rows accepted", "col.fingerprint": "Fingerprint",
		"col.qtytotal": "Quantity total", "col.amounttotal": "Amount total",

		"run.id": "Run", "run.asof": "As of", "run.started": "Started", "run.finished": "Finished", "run.rules": "Rule version",
		"run.code": "Program version", "run.previous": "Previous run", "run.prevhash": "Fingerprint of the previous run",
		"check.stock": "Rows on the Stock sheets", "check.orders": "Rows on the Orders sheets", "check.findings": "All differences", "check.open": "Open differences",
		"check.book": "In the workbook", "check.stream": "By the reconciler", "check.database": "By the database",

		"severity.high": "▲ High", "severity.medium": "● Medium", "severity.low": "○ Low",
		"area.stock": "Stock", "area.order": "Order", "area.payment": "Payment", "area.shipment": "Shipment",
		"state.open": "Open", "state.reopened": "Open again", "state.provisional": "Waits a second night", "state.accepted": "Accepted by limit", "state.resolved": "Resolved",
		"system.onec": "ERP", "system.jushuitan": "WMS", "system.openshop": "shop", "system.bank": "bank", "system.yandex": "Yandex", "system.sverka": "sverka",
		"held.held": "Held", "held.pending": "Queued", "held.retry": "Retry", "held.unknown": "No answer, asking", "held.dead": "Needs a person", "held.in_flight": "In flight",
		"yes": "✓ yes", "no": "✗ no",

		"list.1": "Explained - timing", "list.2": "Fix in ERP", "list.3": "Fix in WMS", "list.4": "Fix in shop",
		"list.5": "Write off", "list.6": "Recount", "list.7": "Fix mapping", "list.8": "Accept",
		"list.prompt.title": "Resolution", "list.prompt": "Choose a resolution from the list. Write details in the column Comment.",
		"list.error.title": "Not in the list", "list.error": "Choose one of the resolutions of the list: the program learns from it what to do next.",
		"owner.prompt": "Choose a name from the list or write another one.", "owner.error": "This name is not in the list. Keep it?",

		"page.header": "System reconciliation", "page.asof": "as of %s", "page.footer": "Page &P of &N",
		"doc.subject": "Run %s",

		"legend.1":    "“To resolve” is the working sheet. Fill in the yellow columns only; tomorrow they return in the column “Carried note”.",
		"legend.2":    "The ID of a difference stays the same from day to day: the program finds your resolution by it. Rows may be sorted and filtered.",
		"legend.3":    "ERP is 1C:Trade Management, WMS is Jushuitan (聚水潭), shop is the web shop OpenShop.",
		"legend.4":    "“In flight”: goods or a document are on the way between systems and their time is not over; not an error. “Unexplained” = second system − first − in flight.",
		"legend.5":    "Sign of an amount: plus means more in the second system, minus means less. “Absolute” adds without signs: net hides swapped items.",
		"legend.6":    "The numbers of the Summary are live formulas over Stock and Orders. The row By the reconciler shows ✓ while they equal what the reconciler counted.",
		"legend.7":    "Differences below the limit are accepted by rule, but stay on the sheets and in the totals of “No decision needed”.",
		"legend.8":    "When you ask about a difference, give its ID.",
		"legend.read": "How to read", "legend.classes": "Classes", "legend.states": "States", "legend.severities": "Severity",
	}
	maps.Copy(out, classesEN())
	return out
}

// classesEN explains the states, the severities and the classes: name, meaning, usual
// repair.
func classesEN() texts {
	return texts{
		"state.open.help": "Needs a decision.", "state.reopened.help": "Was resolved, but the number moved again.",
		"state.provisional.help": "Seen for the first night while balances moved; becomes open if it stays.",
		"state.accepted.help":    "Below the materiality limit; accepted by rule.", "state.resolved.help": "A person decided.",
		"severity.high.help": "A large amount, an old difference or a failed exchange.", "severity.medium.help": "Worth deciding within a day or two.", "severity.low.help": "Small, when there is time.",

		"missing.onec": "Missing in ERP", "missing.jushuitan": "Missing in WMS", "missing.openshop": "Missing in shop", "missing.bank": "Missing in bank", "class.MISS_A": "Missing in the first system", "class.MISS_B": "Missing in the second system",
		"class.QTY": "Quantity differs", "class.AMOUNT": "Amount differs", "class.PRICE": "Unit price differs", "class.TAX": "Tax differs",
		"class.CURR": "Currency differs", "class.ROUND": "Rounding only", "class.STATUS": "Status differs", "class.DATE": "Date or period differs",
		"class.OVERDUE": "In flight, overdue", "class.FAILED": "Exchange failed", "class.BACKDATED": "Posted back-dated", "class.DUP": "Duplicate",
		"class.ORPHAN": "No parent", "class.GHOST": "Deleted on one side", "class.UNMAPPED": "Unmapped SKU", "class.MAPDUP": "Mapping not unique",
		"class.WH_MAP": "Unmapped warehouse", "class.UNIT": "Unit of measure", "class.LOT": "Lot or expiry differs", "class.BUCKET": "Stock status differs",
		"class.TRANSPOSE": "Two SKUs swapped", "class.NEG": "Negative stock", "class.STALE": "Data not fresh", "class.RESERVE": "Reserve without order",

		"help.MISS_A": "The second system of the pair has the record, the first has not.", "help.MISS_B": "The first system of the pair has the record, the second has not.",
		"help.QTY": "The quantities differ after goods under way are taken off.", "help.AMOUNT": "The amounts of the document differ by more than the tolerance.",
		"help.PRICE": "Same quantity, another price.", "help.TAX": "Net amounts are equal, tax is not.", "help.CURR": "The document has two currencies.",
		"help.ROUND": "Not more than half a minor unit per line.", "help.STATUS": "The states of the order do not correspond.",
		"help.DATE": "The document belongs to different days or periods.", "help.OVERDUE": "The time to arrive is over and the receiver does not show it.",
		"help.FAILED": "The system refused the record; its words are in the cause.", "help.BACKDATED": "Posted with a date before the previous reconciliation.",
		"help.DUP": "One key stands twice.", "help.ORPHAN": "A document without its order.", "help.GHOST": "Deleted in one system, still in the other.",
		"help.UNMAPPED": "The SKU of one system is not found in the other.", "help.MAPDUP": "One code stands for several.", "help.WH_MAP": "The warehouse code is not mapped.",
		"help.UNIT": "The quantities differ by a whole factor: packs against pieces.", "help.LOT": "The totals are equal, the lots or expiry dates are not.",
		"help.BUCKET": "The totals are equal, the split into free, reserved and damaged is not.", "help.TRANSPOSE": "Two SKUs of a warehouse differ by the same, in opposite directions.",
		"help.NEG": "The balance is below zero.", "help.STALE": "The system has not answered for long; nothing can be said about it.", "help.RESERVE": "More is reserved than open orders ask for.",

		"repair.MISS_A": "Create or send again", "repair.MISS_B": "Create or send again", "repair.QTY": "Recount or adjust the lagging side",
		"repair.AMOUNT": "Check price, discount, tax", "repair.PRICE": "Refresh the price list", "repair.TAX": "Correct the rate", "repair.CURR": "Correct the document",
		"repair.ROUND": "Accept within the limit", "repair.STATUS": "Send the status again", "repair.DATE": "Move or accrue", "repair.OVERDUE": "Check the exchange, send again",
		"repair.FAILED": "Correct and send again", "repair.BACKDATED": "Reopen the period or note", "repair.DUP": "Reverse the copy", "repair.ORPHAN": "Link or cancel",
		"repair.GHOST": "Delete or restore", "repair.UNMAPPED": "Map", "repair.MAPDUP": "Split the mapping", "repair.WH_MAP": "Map",
		"repair.UNIT": "Correct the factor", "repair.LOT": "Re-allocate", "repair.BUCKET": "Move the stock status", "repair.TRANSPOSE": "Transfer between the two",
		"repair.NEG": "Check the order of documents", "repair.STALE": "Load again", "repair.RESERVE": "Release the reserve",
	}
}
