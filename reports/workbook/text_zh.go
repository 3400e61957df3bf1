package workbook

import "maps"

// textZH is the Chinese of every key.
func textZH() texts {
	out := texts{
		"sheet.summary": "汇总", "sheet.resolve": "待处理", "sheet.stock": "库存差异", "sheet.orders": "订单差异",
		"sheet.held": "在途", "sheet.control": "核对", "sheet.trend": "趋势", "sheet.legend": "说明", "sheet.lists": "列表",

		"title":               "1C、聚水潭与网店对账",
		"title.resolve":       "待处理：需要决定的差异",
		"title.stock":         "库存：全部数量差异",
		"title.orders":        "订单、付款与发货：全部差异",
		"title.held":          "在途与暂停：属正常，不算差错",
		"title.control":       "完整性与准确性核对",
		"title.trend":         "每日差异趋势",
		"title.legend":        "说明：如何阅读与填写",
		"line.run":            "截至 %s · 批次 %s · 规则 %s · 时区：%s",
		"line.money":          "未标其他货币符号的金额为 %s。空白表示未知，“–”表示零。",
		"line.resolve":        "显示 %d 条，共 %d 条。请填写黄色列“处理结果”“备注”“负责人”；请勿修改编号。",
		"line.none":           "没有需要决定的差异。",
		"line.cut":            "显示最大的 %d 条，共 %d 条；其余见“库存差异”与“订单差异”中状态为“未解决”的行。",
		"line.part":           "第 %d 部分，共 %d 部分，本表行数：%d。",
		"line.rows":           "行数：%d。",
		"verdict.clean":       "✓ 各系统一致：无需处理。",
		"verdict.differences": "● 各系统不一致：需处理 %d 条（%s），其中高等级 %d 条。",
		"verdict.incomplete":  "▲ 对账不完整：%s。结论为初步；未解决差异 %d 条。",
		"reason.stale":        "数据过期：%s", "reason.partial": "数据未收全：%s", "reason.control": "不平的控制合计：%d",
		"reason.stated": "工作簿合计与数据库不符", "reason.said": "对账程序判定",

		"block.sources": "数据来源", "block.controls": "控制合计", "block.roll": "差异变动",
		"block.class": "按差异类型", "block.warehouse": "各仓库库存", "block.age": "按账龄", "block.sign": "签字",
		"block.states": "无需决定", "block.params": "参数", "block.run": "批次", "block.checks": "工作簿检查",
		"sum.source": "系统", "sum.taken": "快照时间", "sum.refused": "拒收", "sum.fresh": "最新", "sum.complete": "完整",
		"sum.control": "合计", "sum.left": "左", "sum.right": "右", "sum.diff": "差额", "sum.ties": "相符",
		"sum.class": "差异类型", "sum.items": "条数", "sum.gross": "金额（绝对值）", "sum.net": "金额（净额）", "sum.old": "超过14天",
		"sum.done": "今日已处理", "sum.goto": "跳转", "sum.warehouse": "仓库", "sum.compared": "对账条数", "sum.match": "一致率，%",
		"sum.age": "账龄（天）", "sum.total": "合计", "sum.database": "对账程序数据", "sum.check": "检查", "sum.others": "其他仓库", "sum.nowarehouse": "（无仓库）",
		"sum.state": "状态", "go.resolve": "→ 待处理", "go.sheet": "→ %s",
		"sum.rows": "行数", "sum.read": "最近读取行数", "sum.area": "类别", "sum.checks": "核对项", "sum.tied": "相符",
		"sum.untied": "不符", "block.broken": "不相符项", "line.more": "另有%d项，见“核对”表。", "line.amounts": "金额单位为%s，另有标明者除外。", "col.detail": "系统消息",
		"controls.stock": "库存", "controls.order": "订单", "controls.payment": "付款", "controls.shipment": "发货", "controls.other": "其他",
		"roll.before": "上次未解决", "roll.new": "+ 新增", "roll.reopened": "+ 重新打开", "roll.closed": "− 已关闭", "roll.now": "= 当前未解决",
		"sign.prepared": "编制人", "sign.reviewed": "复核人", "sign.name": "姓名", "sign.date": "日期", "sign.line": "签名",
		"chart.class": "各类型条数", "chart.class.alt": "条形图：各类型未解决差异数",
		"chart.trend": "每日新增、关闭与未解决", "chart.trend.alt": "最近30天每日新增与关闭差异的柱形及未解决的折线",

		"col.id": "编号", "col.severity": "等级", "col.class": "差异类型", "col.warehouse": "仓库", "col.sku": "SKU",
		"col.product": "商品名称", "col.unit": "单位", "col.qty.onec": "ERP数量", "col.qty.wms": "WMS数量", "col.qty.shop": "商城数量",
		"col.inflight": "在途", "col.unexplained": "未解释差异", "col.amount": "金额", "col.age": "天数", "col.resolution": "处理结果",
		"col.comment": "备注", "col.owner": "负责人", "col.cause": "可能原因", "col.repair": "建议处理",
		"col.document": "单据", "col.systems": "系统", "col.firstseen": "首次出现", "col.carried": "历史备注",
		"col.state": "状态", "col.currency": "币种", "col.area": "对象", "col.order": "订单号", "col.doc.onec": "ERP单据", "col.doc.wms": "WMS单据",
		"col.customer": "客户", "col.date": "日期", "col.status.shop": "商城状态", "col.status.onec": "ERP状态", "col.status.wms": "WMS状态",
		"col.amount.shop": "商城金额", "col.amount.onec": "ERP金额", "col.difference": "差额", "col.lines": "差异行数",
		"col.flow": "路径", "col.from": "来源", "col.to": "去向", "col.qty": "数量", "col.since": "起始时间", "col.attempts": "尝试次数",
		"col.expected": "预计完成", "col.reason": "原因", "col.day": "日期", "col.open": "未解决", "col.new": "新增", "col.closed": "关闭",
		"col.reopened": "重开", "col.amount.open": "未解决金额", "col.oldest": "最久天数",
		"col.code": "代码", "col.meaning": "含义", "col.usual": "通常处理", "col.name": "名称", "col.value": "值",
		"col.taken.utc": "快照（UTC）", "col.taken": "快照（当地）", "col.agemin": "时长（分）", "col.loaded": "接收行数", "col.fingerprint": "指纹",
		"col.qtytotal": "数量合计", "col.amounttotal": "金额合计",

		"run.id": "批次号", "run.asof": "截至", "run.started": "开始", "run.finished": "结束", "run.rules": "规则版本",
		"run.code": "程序版本", "run.previous": "上一批次", "run.prevhash": "上一批次指纹",
		"check.stock": "“库存差异”行数", "check.orders": "“订单差异”行数", "check.findings": "全部差异", "check.open": "未解决差异",
		"check.book": "工作簿", "check.stream": "对账程序", "check.database": "数据库",

		"severity.high": "▲ 高", "severity.medium": "● 中", "severity.low": "○ 低",
		"area.stock": "库存", "area.order": "订单", "area.payment": "付款", "area.shipment": "发货",
		"state.open": "未解决", "state.reopened": "未解决（重开）", "state.provisional": "待次夜确认", "state.accepted": "按限额接受", "state.resolved": "已解决",
		"system.onec": "ERP", "system.jushuitan": "WMS", "system.openshop": "商城", "system.bank": "银行", "system.yandex": "Yandex", "system.sverka": "sverka",
		"held.held": "暂停", "held.pending": "排队", "held.retry": "重试", "held.unknown": "无应答，查询中", "held.dead": "需人工", "held.in_flight": "在途",
		"yes": "✓ 是", "no": "✗ 否",

		"list.1": "已解释-时间差", "list.2": "在ERP更正", "list.3": "在WMS更正", "list.4": "在商城更正",
		"list.5": "核销", "list.6": "重盘", "list.7": "修正映射", "list.8": "接受",
		"list.prompt.title": "处理结果", "list.prompt": "请从列表中选择处理结果，细节写入“备注”列。",
		"list.error.title": "不在列表中", "list.error": "请选择列表中的处理结果：程序据此决定下一步。",
		"owner.prompt": "请从列表选择姓名，或填写其他人。", "owner.error": "该姓名不在列表中，是否保留？",

		"page.header": "系统对账", "page.asof": "截至 %s", "page.footer": "第 &P 页，共 &N 页",
		"doc.subject": "批次 %s",

		"legend.1":    "“待处理”是工作表。只填写黄色列；次日它们会出现在“历史备注”列。",
		"legend.2":    "差异编号每天不变：程序据此找到您的处理结果。各行可以排序和筛选。",
		"legend.3":    "ERP 指 1C:Trade Management，WMS 指聚水潭（Jushuitan），商城指网店 OpenShop。",
		"legend.4":    "“在途”：货物或单据正在系统之间传递且未到期，不算差错。“未解释差异”= 第二系统 − 第一系统 − 在途。",
		"legend.5":    "金额符号：正数表示第二系统较多，负数表示较少。“绝对值”不计符号相加：净额会掩盖串货。",
		"legend.6":    "“汇总”中的数字是对“库存差异”“订单差异”的实时公式。与对账程序一致时“对账程序数据”行显示 ✓。",
		"legend.7":    "低于限额的差异按规则自动接受，但仍保留在各表及“无需决定”合计中。",
		"legend.8":    "咨询某条差异时，请提供其编号。",
		"legend.read": "如何阅读", "legend.classes": "差异类型", "legend.states": "状态", "legend.severities": "等级",
	}
	maps.Copy(out, classesZH())
	return out
}

// classesZH explains the states, the severities and the classes: name, meaning, usual
// repair.
func classesZH() texts {
	return texts{
		"state.open.help": "需要决定。", "state.reopened.help": "曾已解决，但数字又有变化。",
		"state.provisional.help": "首夜发现且余额仍在变动；若仍存在则转为未解决。",
		"state.accepted.help":    "低于重要性限额，按规则接受。", "state.resolved.help": "已由人员决定。",
		"severity.high.help": "金额大、时间久或接口失败。", "severity.medium.help": "应在一两天内处理。", "severity.low.help": "较小，有空时处理。",

		"missing.onec": "ERP 缺失", "missing.jushuitan": "WMS 缺失", "missing.openshop": "商城缺失", "missing.bank": "银行缺失", "class.MISS_A": "第一系统缺失", "class.MISS_B": "第二系统缺失",
		"class.QTY": "数量不符", "class.AMOUNT": "金额不符", "class.PRICE": "单价不符", "class.TAX": "税额不符",
		"class.CURR": "币种不符", "class.ROUND": "舍入差异", "class.STATUS": "状态不符", "class.DATE": "日期或期间不符",
		"class.OVERDUE": "在途超期", "class.FAILED": "接口失败", "class.BACKDATED": "倒填日期", "class.DUP": "重复",
		"class.ORPHAN": "孤立记录", "class.GHOST": "单边已删除", "class.UNMAPPED": "SKU 未映射", "class.MAPDUP": "映射不唯一",
		"class.WH_MAP": "仓库未映射", "class.UNIT": "计量单位", "class.LOT": "批次或效期不符", "class.BUCKET": "库存状态不符",
		"class.TRANSPOSE": "串货", "class.NEG": "负库存", "class.STALE": "数据过期", "class.RESERVE": "无订单预留",

		"help.MISS_A": "该组第二系统有记录，第一系统没有。", "help.MISS_B": "该组第一系统有记录，第二系统没有。",
		"help.QTY": "扣除在途后数量仍不相等。", "help.AMOUNT": "单据金额之差超过容差。",
		"help.PRICE": "数量相同，价格不同。", "help.TAX": "不含税金额相等，税额不同。", "help.CURR": "单据币种不同。",
		"help.ROUND": "每行不超过半个最小货币单位。", "help.STATUS": "订单状态不对应。",
		"help.DATE": "单据归属不同日期或期间。", "help.OVERDUE": "到达时限已过，接收方仍未显示。",
		"help.FAILED": "系统拒绝该记录；其说明见“可能原因”。", "help.BACKDATED": "过账日期早于上次对账。",
		"help.DUP": "同一键出现两次。", "help.ORPHAN": "单据没有对应订单。", "help.GHOST": "一方已删除，另一方仍存在。",
		"help.UNMAPPED": "一方的 SKU 在另一方找不到。", "help.MAPDUP": "一个代码对应多个。", "help.WH_MAP": "仓库代码未映射。",
		"help.UNIT": "数量相差整数倍：箱与件。", "help.LOT": "总数相等，批次或效期不等。",
		"help.BUCKET": "总数相等，可用、预留、残次划分不同。", "help.TRANSPOSE": "同一仓库两个 SKU 差异相等方向相反。",
		"help.NEG": "余额小于零。", "help.STALE": "系统长时间无应答，无法得出结论。", "help.RESERVE": "预留多于未完成订单所需。",

		"repair.MISS_A": "创建或重发", "repair.MISS_B": "创建或重发", "repair.QTY": "重盘或调整滞后一方",
		"repair.AMOUNT": "检查价格、折扣、税", "repair.PRICE": "更新价目表", "repair.TAX": "更正税率", "repair.CURR": "更正单据",
		"repair.ROUND": "限额内接受", "repair.STATUS": "重发状态", "repair.DATE": "调整期间或计提", "repair.OVERDUE": "检查接口并重发",
		"repair.FAILED": "更正后重发", "repair.BACKDATED": "重开期间或备注", "repair.DUP": "冲销重复", "repair.ORPHAN": "关联或取消",
		"repair.GHOST": "删除或恢复", "repair.UNMAPPED": "建立映射", "repair.MAPDUP": "拆分映射", "repair.WH_MAP": "建立映射",
		"repair.UNIT": "更正换算系数", "repair.LOT": "重新分配", "repair.BUCKET": "调整库存状态", "repair.TRANSPOSE": "两者之间调拨",
		"repair.NEG": "检查单据顺序", "repair.STALE": "重新加载", "repair.RESERVE": "释放预留",
	}
}
