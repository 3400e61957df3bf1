package jushuitansim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxBody bounds a request.
const maxBody = 8 << 20

// maxSkew is how far a request's timestamp may be from the server's clock.
const maxSkew = 15 * time.Minute

// Codes of answers.
const (
	codeOK        = 0
	codeSign      = 10
	codeToken     = 100
	codeEmpty     = 130
	codeParam     = 140
	codeInternal  = 150
	codeSave      = 160
	codeShop      = 170
	codeForbidden = 190
	codePerSecond = 199
	codePerMinute = 200
)

const msgOK = "执行成功"

// answer is the envelope of the new platform.
type answer struct {
	Code      int    `json:"code"`
	Msg       string `json:"msg"`
	IsSuccess *bool  `json:"issuccess,omitempty"`
	Data      any    `json:"data"`
	RequestID string `json:"requestId,omitempty"`
}

func ok(data any) answer { return answer{Msg: msgOK, Data: data} }

func refuse(code int, format string, args ...any) answer {
	return answer{Code: code, Msg: fmt.Sprintf(format, args...)}
}

// serve reads a request, answers it and writes the answer; the state is locked
// for the whole of it, so that calls are carried out one after another.
func (s *Sim) serve(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[r.URL.Path]++
	if r.URL.Path == legacyPath {
		writeJSON(w, flat(s.legacy(r)))
		return
	}
	a := s.answer(r)
	if a.Code != codeOK {
		a.RequestID = fmt.Sprintf("%032x", s.nextID())
		s.errors[a.Code]++
	}
	writeJSON(w, a)
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	b, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Write(b)
}

func (s *Sim) answer(r *http.Request) answer {
	if r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return refuse(codeParam, "参数不符合规范,请检查传入参数!")
	}
	if err := r.ParseForm(); err != nil {
		return refuse(codeParam, "参数不符合规范,请检查传入参数!")
	}
	form := r.PostForm
	if a := s.admitCaller(form); a.Code != codeOK {
		return a
	}
	if auth, found := s.authRoutes()[r.URL.Path]; found {
		return auth(form)
	}
	if !s.tokens.valid(form.Get("access_token"), s.now()) {
		return refuse(codeToken, "验证失败！无效的access_token或access_token已过期")
	}
	return s.business(r.URL.Path, form.Get("biz"))
}

// business carries out a call whose caller is known.
func (s *Sim) business(path, biz string) answer {
	handle, found := s.routes()[path]
	if !found {
		return refuse(codeForbidden, "验证失败！无API权限，请申请API权限")
	}
	if a := s.admitRate(); a.Code != codeOK {
		return a
	}
	if strings.TrimSpace(biz) == "" {
		return refuse(codeEmpty, "传输数据不能为空")
	}
	if !json.Valid([]byte(biz)) {
		return refuse(codeParam, "参数不符合规范,请检查传入参数!")
	}
	return handle([]byte(biz))
}

// admitCaller checks the application, the signature and the time of a call.
func (s *Sim) admitCaller(form url.Values) answer {
	if form.Get("app_key") != s.opts.AppKey {
		return refuse(codeToken, "验证失败！无效的app_key")
	}
	if !signed(s.opts.AppSecret, form) {
		return refuse(codeSign, "验证失败！无效签名")
	}
	sec, err := strconv.ParseInt(form.Get("timestamp"), 10, 64)
	if err != nil || s.now().Sub(time.Unix(sec, 0)).Abs() > maxSkew {
		return refuse(codeParam, "验证失败！无效的timestamp，误差不能超过15分钟")
	}
	return answer{}
}

// admitRate counts the call against both limits, in world time.
func (s *Sim) admitRate() answer {
	now := s.opts.Clock.Now()
	kept, inSecond := s.recent[:0], 0
	for _, t := range s.recent {
		if age := now.Sub(t); age < time.Minute {
			kept = append(kept, t)
			if age < time.Second {
				inSecond++
			}
		}
	}
	s.recent = kept
	if s.opts.PerSecond > 0 && inSecond >= s.opts.PerSecond {
		return refuse(codePerSecond, "调用太频繁，请稍后再试!")
	}
	if s.opts.PerMinute > 0 && len(s.recent) >= s.opts.PerMinute {
		return refuse(codePerMinute, "调用频次超过限制!")
	}
	s.recent = append(s.recent, now)
	return answer{}
}

// routes are the business calls that this company was granted.
func (s *Sim) routes() map[string]func(biz []byte) answer {
	return map[string]func(biz []byte) answer{
		"/open/sku/query":                    s.skuQuery,
		"/open/inventory/query":              s.inventoryQuery,
		"/open/wms/partner/query":            s.warehouseQuery,
		"/open/shops/query":                  s.shopQuery,
		"/open/logisticscompany/query":       s.carrierQuery,
		"/open/jushuitan/orders/upload":      s.ordersUpload,
		"/open/orders/single/query":          s.ordersQuery,
		"/open/orders/out/simple/query":      s.outQuery,
		"/open/jushuitan/orderbyoid/cancel":  s.cancel,
		"/open/jushuitan/inventoryv2/upload": s.inventoryUpload,
	}
}
