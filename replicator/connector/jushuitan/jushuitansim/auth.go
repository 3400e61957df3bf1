package jushuitansim

import (
	"fmt"
	"net/url"
	"time"
)

// tokenLife is how long an access token lives: thirty days.
const tokenLife = 2592000 * time.Second

// tokens are the access and refresh tokens that were handed out.
type tokens struct {
	access  map[string]time.Time // value → end of life
	refresh map[string]string    // refresh value → access value
}

func (t *tokens) valid(access string, now time.Time) bool {
	end, found := t.access[access]
	return found && now.Before(end)
}

func (t *tokens) add(access, refresh string, end time.Time) {
	if t.access == nil {
		t.access, t.refresh = map[string]time.Time{}, map[string]string{}
	}
	t.access[access] = end
	t.refresh[refresh] = access
}

func (s *Sim) authRoutes() map[string]func(url.Values) answer {
	return map[string]func(url.Values) answer{
		"/openWeb/auth/getInitToken": s.initToken,
		"/openWeb/auth/refreshToken": s.refreshToken,
	}
}

// initToken gives the merchant's own application a token for a six-character
// code of its own making.
func (s *Sim) initToken(form url.Values) answer {
	if form.Get("grant_type") != "authorization_code" || len(form.Get("code")) != 6 {
		return refuse(codeParam, "参数不符合规范,请检查传入参数!")
	}
	return s.grant(s.tokenText(), s.tokenText())
}

func (s *Sim) refreshToken(form url.Values) answer {
	old := form.Get("refresh_token")
	access, found := s.tokens.refresh[old]
	if form.Get("grant_type") != "refresh_token" || form.Get("scope") != "all" {
		return refuse(codeParam, "参数不符合规范,请检查传入参数!")
	}
	if !found || !s.tokens.valid(access, s.now()) {
		return refuse(codeToken, "验证失败！无效的refresh_token或refresh_token已过期")
	}
	if !s.opts.RefreshRotates {
		return s.grant(access, old)
	}
	delete(s.tokens.access, access)
	delete(s.tokens.refresh, old)
	return s.grant(s.tokenText(), s.tokenText())
}

func (s *Sim) grant(access, refresh string) answer {
	s.tokens.add(access, refresh, s.now().Add(tokenLife))
	return ok(map[string]any{
		"access_token": access, "refresh_token": refresh, "expires_in": int64(tokenLife / time.Second), "scope": "all",
	})
}

func (s *Sim) tokenText() string {
	return fmt.Sprintf("%016x%016x", uint64(s.nextID())*0x9e3779b97f4a7c15, uint64(s.nextID())*0xc2b2ae3d27d4eb4f)
}

// ExpireTokens ends the life of every token that was handed out, as an
// administrator who withdraws the authorisation does.
func (s *Sim) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens = tokens{}
}
