package jushuitan

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"sverka/replicator"
)

func TestJudge_classifies_every_code(t *testing.T) {
	t.Parallel()
	ops := operations()
	read, write := ops[opStock], ops[opOrdersUpload]
	for name, c := range map[string]struct {
		body  string
		op    operation
		kind  replicator.Kind
		token bool
		after time.Duration
	}{
		"bad signature":                        {`{"code":10,"msg":"验证失败！无效签名"}`, write, replicator.Unauthorised, false, 0},
		"bad signature, the older code":        {`{"code":120,"msg":"签名错误"}`, read, replicator.Unauthorised, false, 0},
		"expired token":                        {`{"code":100,"msg":"验证失败！无效的access_token或access_token已过期"}`, write, replicator.Unauthorised, true, 0},
		"withdrawn authorisation":              {`{"code":"100","msg":"授权已取消"}`, write, replicator.Unauthorised, true, 0},
		"validation under the token's code":    {`{"code":100,"msg":"上架仓位不能为空","data":null}`, write, replicator.Rejected, false, 0},
		"address not in the white list":        {`{"code":110,"msg":"已设置IP白名单"}`, read, replicator.Unauthorised, false, 0},
		"no right to the operation":            {`{"code":190,"msg":"验证失败！无API权限，请申请API权限"}`, read, replicator.Unauthorised, false, 0},
		"nothing sent":                         {`{"code":130,"msg":"传输数据不能为空"}`, write, replicator.Rejected, false, 0},
		"bad parameters":                       {`{"code":140,"msg":"参数不符合规范,请检查传入参数!"}`, write, replicator.Rejected, false, 0},
		"bad timestamp under the same code":    {`{"code":140,"msg":"无效的timestamp"}`, write, replicator.Transient, false, 0},
		"bad timestamp, the older code":        {`{"code":180,"msg":"执行失败!"}`, write, replicator.Transient, false, 0},
		"save failed":                          {`{"code":160,"msg":"内部保存失败"}`, write, replicator.Rejected, false, 0},
		"unknown shop":                         {`{"code":170,"msg":"店铺编号[1]不存在!"}`, write, replicator.Rejected, false, 0},
		"too many in a second":                 {`{"code":199,"msg":"调用太频繁，请稍后再试!"}`, read, replicator.Throttled, false, time.Second / 10},
		"too many in a minute":                 {`{"code":200,"msg":"调用频次超过限制!"}`, write, replicator.Throttled, false, 3 * time.Second},
		"internal error of a write":            {`{"code":150,"msg":"内部错误"}`, write, replicator.Unknown, false, 0},
		"internal error of a reading":          {`{"code":150,"msg":"内部错误"}`, read, replicator.Transient, false, 0},
		"a code that nobody knows, of a write": {`{"code":-1,"msg":"?"}`, write, replicator.Unknown, false, 0},
		"success that is none":                 {`{"code":0,"msg":"未获取到有效的传入数据","data":null}`, write, replicator.Rejected, false, 0},
		"success marked as failed":             {`{"code":0,"issuccess":"false","msg":"x","data":{}}`, write, replicator.Rejected, false, 0},
	} {
		env := &envelope{}
		if err := json.Unmarshal([]byte(c.body), env); err != nil {
			t.Errorf("%s: decode: %v", name, err)
			continue
		}
		v := judge("op", c.op, env, 10)
		switch {
		case v.failure == nil:
			t.Errorf("%s: taken for a success", name)
		case v.failure.Kind != c.kind || v.token != c.token || v.failure.RetryAfter != c.after:
			t.Errorf("%s: %s, token %v, after %s; want %s, %v, %s", name, v.failure.Kind, v.token, v.failure.RetryAfter, c.kind, c.token, c.after)
		}
	}
}

func TestJudge_takes_success_in_every_spelling(t *testing.T) {
	t.Parallel()
	ops := operations()
	for _, c := range []struct {
		body string
		op   string
	}{
		{`{"code":0,"msg":"执行成功","data":{}}`, opStock},
		{`{"code":"0","msg":null,"data":{}}`, opStock},
		{`{"code":0,"msg":"","issuccess":"true","data":{}}`, opStockCount},
		{`{"code":0,"msg":"执行成功","data":null}`, opOrdersCancel},
		{`{"code":0,"msg":"执行成功","requestId":"1"}`, opOrdersCancel},
	} {
		env := &envelope{}
		mustUnmarshal(t, []byte(c.body), env)
		if v := judge(c.op, ops[c.op], env, 1); v.failure != nil {
			t.Errorf("%s of %s: %v, want success", c.body, c.op, v.failure)
		}
	}
}

func TestJudge_knows_the_published_errors(t *testing.T) {
	t.Parallel()
	var bodies []json.RawMessage
	mustUnmarshal(t, sharedSample(t, "errors.response.json"), &bodies)
	want := map[string]replicator.Kind{
		"10": replicator.Unauthorised, "100": replicator.Unauthorised, "110": replicator.Unauthorised, "130": replicator.Rejected, "140": replicator.Rejected,
		"150": replicator.Unknown, "160": replicator.Rejected, "170": replicator.Rejected, "180": replicator.Transient, "190": replicator.Unauthorised,
		"199": replicator.Throttled, "200": replicator.Throttled,
	}
	for _, b := range append(bodies, sharedSample(t, "error_code0_but_rejected.response.json"), sharedSample(t, "error_code100_business.response.json")) {
		env := &envelope{}
		mustUnmarshal(t, b, env)
		v := judge(opOrdersUpload, operations()[opOrdersUpload], env, 1)
		kind, known := want[string(*env.Code)]
		if !known || strings.Contains(string(env.Msg), "仓位") {
			kind = replicator.Rejected
		}
		if v.failure == nil || v.failure.Kind != kind {
			t.Errorf("code %s gives %v, want %s", *env.Code, v.failure, kind)
		}
	}
}

func TestVendorWords_hide_what_quotes_a_person(t *testing.T) {
	t.Parallel()
	private := []string{"Иванова Анна", "+79121234567", "Москва, ул. Ленина, 5"}
	for msg, hidden := range map[string]bool{
		"商品编码[A-1]不存在!":             false,
		"收件人[Иванова]无效":            true,
		"电话+79121234567格式错误":        true,
		"地址 Ленина 无法解析":            true,
		strings.Repeat("长", 500):    false,
		"receiver_mobile长度不能超过50":   false,
		"收件人 Иванова Анна 长度不能超过50": true,
	} {
		got := vendorWords(msg, private)
		if hidden == strings.HasPrefix(msg, got) || len([]rune(got)) > 200 {
			t.Errorf("%q is shown as %q", msg, got)
		}
	}
}
