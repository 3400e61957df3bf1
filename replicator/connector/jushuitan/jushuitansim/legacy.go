package jushuitansim

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// legacyPath is the one address of the old gateway.
const legacyPath = "/api/open/query.aspx"

// legacy answers a call of the old gateway: method and signature in the query,
// the business parameters as the raw body. It serves the same operations, their
// names made of the paths: /open/orders/out/simple/query is orders.out.simple.query.
func (s *Sim) legacy(r *http.Request) answer {
	q := r.URL.Query()
	method, partner, token, ts := q.Get("method"), q.Get("partnerid"), q.Get("token"), q.Get("ts")
	if partner != s.opts.AppKey {
		return refuse(codeToken, "验证失败！无效的partnerid")
	}
	if q.Get("sign") != legacyDigest(method, partner, token, ts, s.opts.AppSecret) {
		return refuse(codeSign, "验证失败！无效签名")
	}
	sec, err := strconv.ParseInt(ts, 10, 64)
	if err != nil || s.now().Sub(time.Unix(sec, 0)).Abs() > maxSkew {
		return refuse(codeParam, "验证失败！无效的ts，timestamp误差不能超过10分钟")
	}
	if !s.tokens.valid(token, s.now()) {
		return refuse(codeToken, "验证失败！无效的token，授权已过期")
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return refuse(codeParam, "参数不符合规范,请检查传入参数!")
	}
	return s.business("/open/"+strings.ReplaceAll(method, ".", "/"), string(body))
}

// flat lays an answer out as the old gateway does: no data block, its fields
// stand beside the code.
func flat(a answer) map[string]any {
	out := map[string]any{}
	if block, isMap := a.Data.(map[string]any); isMap {
		for k, v := range block {
			out[k] = v
		}
	}
	out["code"], out["issuccess"], out["msg"] = a.Code, a.Code == codeOK, nil
	if a.Code != codeOK {
		out["msg"] = a.Msg
	}
	return out
}
