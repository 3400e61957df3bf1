package jushuitansim

import (
	"encoding/json"
	"time"
)

// maxWindow is the longest span of a time filter.
const maxWindow = 7 * 24 * time.Hour

// query is what the reading calls have in common.
type query struct {
	PageIndex     int      `json:"page_index"`
	PageSize      int      `json:"page_size"`
	ModifiedBegin string   `json:"modified_begin"`
	ModifiedEnd   string   `json:"modified_end"`
	DateType      int      `json:"date_type"`
	SKUs          string   `json:"sku_ids"` // comma between
	OrderIDs      []int64  `json:"o_ids"`
	NoteIDs       []int64  `json:"io_ids"`
	ShopOrderIDs  []string `json:"so_ids"`
	Warehouse     int64    `json:"wms_co_id"`
	ShopID        int64    `json:"shop_id"`
	Status        string   `json:"status"`
	TS            *int64   `json:"ts"`
	StartTS       *int64   `json:"start_ts"`
	Total         *bool    `json:"is_get_total"`
	WithLocks     bool     `json:"has_lock_qty"`

	begin, end time.Time
}

// readQuery decodes and checks a query; the answer's code is 0 when it is good.
func readQuery(biz []byte, defaultSize, maxSize int) (*query, answer) {
	q := &query{}
	if err := json.Unmarshal(biz, q); err != nil {
		return nil, refuse(codeParam, "参数不符合规范,请检查传入参数!")
	}
	if q.PageIndex == 0 {
		q.PageIndex = 1
	}
	if q.PageSize == 0 {
		q.PageSize = defaultSize
	}
	if q.PageIndex < 1 || q.PageSize < 1 || q.PageSize > maxSize {
		return nil, refuse(codeParam, "参数不符合规范,page_size最大%d", maxSize)
	}
	return q, q.readWindow()
}

func (q *query) readWindow() answer {
	if (q.ModifiedBegin == "") != (q.ModifiedEnd == "") {
		return refuse(codeParam, "修改起始时间和结束时间必须同时存在")
	}
	if q.ModifiedBegin == "" {
		return answer{}
	}
	var err1, err2 error
	q.begin, err1 = time.ParseInLocation(wallTime, q.ModifiedBegin, shanghai())
	q.end, err2 = time.ParseInLocation(wallTime, q.ModifiedEnd, shanghai())
	if err1 != nil || err2 != nil {
		return refuse(codeParam, "参数不符合规范,时间格式错误")
	}
	if q.end.Before(q.begin) || q.end.Sub(q.begin) > maxWindow {
		return refuse(codeParam, "时间间隔不能超过七天")
	}
	return answer{}
}

func (q *query) hasTime() bool { return q.ModifiedBegin != "" }

// inWindow is true for a row without a time filter; both ends belong to the window.
func (q *query) inWindow(t time.Time) bool {
	return !q.hasTime() || !t.Before(q.begin) && !t.After(q.end)
}

// page cuts one page out of all hits, shows its rows and builds the data block
// around them.
func page[T any](q *query, name string, hits []T, show func(T) map[string]any) map[string]any {
	count := len(hits)
	from := min((q.PageIndex-1)*q.PageSize, count)
	to := min(from+q.PageSize, count)
	rows := make([]map[string]any, 0, to-from)
	for _, hit := range hits[from:to] {
		rows = append(rows, show(hit))
	}
	block := map[string]any{"page_index": q.PageIndex, "page_size": q.PageSize, "has_next": to < count, name: rows}
	if q.Total == nil || *q.Total {
		block["data_count"] = count
		block["page_count"] = (count + q.PageSize - 1) / q.PageSize
	}
	return block
}
